import type { LookupType } from '../types/index.js'

/** A user that the source under test has to hold. */
export interface PlainUser<Id = string | number | bigint> {
  id: Id
  username: string
  firstName: string | null
  lastName: string | null
  email: string | null
}

/** A search, and which of {@link NAMES} it finds, from 1. */
export interface SampleSearch {
  lookup: LookupType
  terms: string[]
  finds: number[]
  fields?: string[]
  /** Asked only of sources that ignore the case of letters outside ASCII, or only of those that do not. */
  foldsUnicode?: boolean
}

/** The users that the source under test holds, without their ids. */
export const NAMES: Array<Omit<PlainUser, 'id'>> = [
  { username: 'ada', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' },
  { username: 'Adam', firstName: 'Adam', lastName: 'Smith', email: null },
  { username: 'percent%sign', firstName: '100%', lastName: 'a_b', email: 'p@example.com' },
  { username: 'back\\slash', firstName: 'aXb', lastName: 'it\'s "quoted"', email: 'q@example.org' },
  { username: 'émile', firstName: 'Émile', lastName: 'ÉCOLE', email: null },
  { username: 'юрий', firstName: 'Юрий', lastName: '高橋', email: null },
  { username: 'party🎉', firstName: null, lastName: null, email: null },
  { username: 'Zed', firstName: 'Ada', lastName: 'Smith', email: 'zed@EXAMPLE.com' }
]

export const SEARCHES: SampleSearch[] = [
  { lookup: 'icontains', terms: [], finds: [1, 2, 3, 4, 5, 6, 7, 8] },
  { lookup: 'icontains', terms: ['ADA'], finds: [1, 2, 8] },
  { lookup: 'icontains', terms: ['ada', 'smith'], finds: [2, 8] },
  { lookup: 'icontains', terms: ['smith', 'lovelace'], finds: [] },
  { lookup: 'icontains', terms: ['ada'], fields: ['lastName', 'email'], finds: [1] },
  { lookup: 'contains', terms: ['ada'], finds: [1] },
  { lookup: 'contains', terms: ['EXAMPLE'], finds: [8] },
  { lookup: 'exact', terms: ['Ada'], finds: [1, 8] },
  { lookup: 'exact', terms: ['Ad'], finds: [] },
  { lookup: 'iexact', terms: ['ADAM'], finds: [2] },
  { lookup: 'iexact', terms: ['zed@example.COM'], finds: [8] },
  { lookup: 'iexact', terms: ['ad'], finds: [] },
  { lookup: 'startswith', terms: ['Ad'], finds: [1, 2, 8] },
  { lookup: 'startswith', terms: ['AD'], finds: [] },
  { lookup: 'istartswith', terms: ['AD'], finds: [1, 2, 8] },
  { lookup: 'endswith', terms: ['.com'], finds: [1, 3, 8] },
  { lookup: 'endswith', terms: ['.COM'], finds: [] },
  { lookup: 'iendswith', terms: ['.COM'], finds: [1, 3, 8] },
  { lookup: 'icontains', terms: ['%'], finds: [3] },
  { lookup: 'icontains', terms: ['_'], finds: [3] },
  { lookup: 'icontains', terms: ['A_B'], finds: [3] },
  { lookup: 'contains', terms: ['a_b'], finds: [3] },
  { lookup: 'startswith', terms: ['a_'], finds: [3] },
  { lookup: 'endswith', terms: ['%'], finds: [3] },
  { lookup: 'exact', terms: ['a_b'], finds: [3] },
  { lookup: 'exact', terms: ['a%'], finds: [] },
  { lookup: 'iexact', terms: ['A_B'], finds: [3] },
  { lookup: 'iexact', terms: ['%'], finds: [] },
  { lookup: 'iexact', terms: ['back\\SLASH'], finds: [4] },
  { lookup: 'exact', terms: ['back\\slash'], finds: [4] },
  { lookup: 'icontains', terms: ['\\'], finds: [4] },
  { lookup: 'endswith', terms: ['\\slash'], finds: [4] },
  { lookup: 'icontains', terms: ['\\%'], finds: [] },
  { lookup: 'icontains', terms: ["it's"], finds: [4] },
  { lookup: 'icontains', terms: ['"QUOTED"'], finds: [4] },
  { lookup: 'icontains', terms: ['ada\0'], finds: [] },
  { lookup: 'exact', terms: ['\0'], finds: [] },
  { lookup: 'contains', terms: ['🎉'], finds: [7] },
  { lookup: 'iendswith', terms: ['🎉'], finds: [7] },
  { lookup: 'contains', terms: ['橋'], finds: [6] },
  { lookup: 'contains', terms: ['Юр'], finds: [6] },
  { lookup: 'icontains', terms: ['É'], finds: [5] },
  { lookup: 'icontains', terms: ['éc'], finds: [5], foldsUnicode: true },
  { lookup: 'icontains', terms: ['éc'], finds: [], foldsUnicode: false },
  { lookup: 'iexact', terms: ['ЮРИЙ'], finds: [6], foldsUnicode: true },
  { lookup: 'iexact', terms: ['ЮРИЙ'], finds: [], foldsUnicode: false },
  { lookup: 'istartswith', terms: ['ЮРИЙ'], finds: [6], foldsUnicode: true },
  { lookup: 'istartswith', terms: ['ЮРИЙ'], finds: [], foldsUnicode: false }
]
