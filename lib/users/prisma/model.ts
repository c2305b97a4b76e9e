import { FST_IMPERSONATE_INVALID_OPTION } from '../../errors.js'
import { field, hasMethods } from '../../is.js'
import type { IdType } from '../ids.js'

/** What the source uses of a Prisma model: its delegate's methods. */
export interface PrismaModel {
  findFirst (args: object): PromiseLike<unknown>
  findMany (args: object): PromiseLike<unknown[]>
  count (args: object): PromiseLike<number>
  fields: Record<string, { typeName: string, isList?: boolean } | undefined>
}

/** Whether this is a Prisma model's delegate. */
export function isPrismaModel (value: unknown): value is PrismaModel {
  return hasMethods(value, ['findFirst', 'findMany', 'count']) && typeof field(value, 'fields') === 'object'
}

/** @throws FST_IMPERSONATE_INVALID_OPTION where the field is none that ids are in */
export function idTypeOf (model: PrismaModel, idField: string): IdType {
  switch (model.fields[idField]?.typeName) {
    case 'Int': return 'int'
    case 'BigInt': return 'bigint'
    case 'String': return 'string'
    default: throw new FST_IMPERSONATE_INVALID_OPTION(
      `prismaUsers finds no id in the field "${idField}": give it { idField }`
    )
  }
}

/** The database's kind, where the client can be seen. */
export function providerOf (model: PrismaModel): unknown {
  return field(field(model, '$parent'), '_activeProvider')
}
