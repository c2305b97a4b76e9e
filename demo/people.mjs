/** The three to try the demo with. */
export const ACCOUNTS = [
  { username: 'ada', firstName: 'Ada', lastName: 'Lovelace', isStaff: true, isSuperuser: true, role: 'superuser' },
  { username: 'sam', firstName: 'Sam', lastName: 'Carter', isStaff: true, isSuperuser: false, role: 'staff' },
  { username: 'carl', firstName: 'Carl', lastName: 'Reed', isStaff: false, isSuperuser: false, role: 'customer' }
]
export const PASSWORD = 'demo'

const HOW_MANY = 2000

/** The accounts and as many customers as make 2,000 people: the same ones every time. */
export async function createPeople (passwordHash) {
  const { faker } = await import('@faker-js/faker')
  faker.seed(1)
  const accounts = ACCOUNTS.map(({ role, ...account }) => ({ ...account, email: `${account.username}@example.com`, isActive: true, passwordHash }))
  const customers = Array.from({ length: HOW_MANY - accounts.length }, (_, index) => {
    const firstName = faker.person.firstName()
    const lastName = faker.person.lastName()
    const username = `${faker.internet.username({ firstName, lastName }).toLowerCase()}.${index + 1}`
    const isActive = index % 50 !== 49
    return { username, firstName, lastName, email: `${username}@example.com`, isActive, isStaff: false, isSuperuser: false, passwordHash }
  })
  return [...accounts, ...customers]
}
