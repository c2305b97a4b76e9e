import Fastify from 'fastify'
import impersonate, { memoryUsers } from 'fastify-impersonate'
import german from 'fastify-impersonate/messages/de'

interface Person { id: number, team: string, boss?: Person }

declare module 'fastify-impersonate' {
  interface Register { user: Person }
}

const app = Fastify()
await app.register(impersonate, {
  users: memoryUsers<Person>([{ id: 1, team: 'red' }]),
  displayName: person => person.team,
  messages: { ...german, 'find.title': 'Wem helfen wir?', 'find.count': { one: '{count} Mensch', other: '{count} Menschen' }, 'field.team': 'Gruppe' },
  customAllow: request => request.user?.team === 'red',
  onSessionBegin: ({ impersonating }) => { app.log.info(impersonating?.team) }
})
// @ts-expect-error users of another kind
await app.register(impersonate, { users: memoryUsers([{ id: 1, name: 'ada' }]) })
app.get('/', async request => {
  const team: string | undefined = request.user?.team
  const boss: number | undefined = request.realUser?.boss?.id
  const flag: true | undefined = request.user?.isImpersonate
  return { team, boss, flag, from: request.user?.impersonator?.team }
})
