import { parse as parseForm } from 'node:querystring'
import formbody from '@fastify/formbody'
import type { ErrorObject } from 'ajv'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_INVALID_INPUT } from '../../errors.js'
import { field } from '../../is.js'

/** How the plugin's own routes read and check what is sent to them, whatever the application around them does. */
export async function addInput (scope: FastifyInstance): Promise<void> {
  // With the routes and not before, because it takes a quarter of the time that importing the plugin would.
  const { Ajv } = await import('ajv')
  // Fastify's default would turn null into '' and drop what it does not know.
  const ajv = new Ajv({ coerceTypes: false, removeAdditional: false, useDefaults: false, verbose: true, strict: false })
  scope.setValidatorCompiler(({ schema }) => ajv.compile(schema))
  // The answers' schemas are documentation: an application's own serializer might not even read JSON schema.
  scope.setSerializerCompiler(() => data => JSON.stringify(data))
  scope.setSchemaErrorFormatter((errors, where) => new FST_IMPERSONATE_INVALID_INPUT(explain(errors, where)))

  scope.removeAllContentTypeParsers()
  const parseJson = scope.getDefaultJsonParser('error', 'error')
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, null)
    else parseJson(request, String(body), done)
  })
  await scope.register(formbody)
}

/** Stop takes any body: what is not understood is ignored, and nothing is too long. */
export function addTolerantInput (scope: FastifyInstance): void {
  scope.addHook('onRequest', function forgetOddType (request, reply, done) {
    // Fastify itself refuses what is no content type, before any parser.
    if (!UNDERSTOOD.test(request.headers['content-type'] ?? '')) request.headers = { 'content-type': undefined }
    done()
  })
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', async (request: FastifyRequest, payload: NodeJS.ReadableStream) => {
    let text = ''
    for await (const chunk of payload) if (text.length < LONGEST_STOP) text += String(chunk)
    return understand(request.headers['content-type'] ?? '', text)
  })
}

const LONGEST_STOP = 16_384
const UNDERSTOOD = /^application\/([\w.-]+\+)?(json|x-www-form-urlencoded)\s*(;|$)/i

function understand (type: string, text: string): unknown {
  if (type.includes('form-urlencoded')) return parseForm(text)
  if (!type.includes('json')) return null
  try {
    return JSON.parse(text)
  } catch {
    // A body that cannot be read keeps nobody in.
    return null
  }
}

/** A text field of a query or body, whatever that is. */
export function textOf (input: unknown, name: string | undefined): string | undefined {
  if (name === undefined || typeof input !== 'object' || input === null || !Object.hasOwn(input, name)) return undefined
  const value: unknown = Reflect.get(input, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

const PLACES = new Map([['querystring', 'query'], ['params', 'path']])

function explain (
  errors: ReadonlyArray<{ instancePath: string, params: object, keyword: string }>, where: string
): string {
  const error = errors.find(isVerbose)
  const place = PLACES.get(where) ?? where
  const [extra, missing] = [field(error?.params, 'additionalProperty'), field(error?.params, 'missingProperty')]
  const takes = String(error?.parentSchema?.['description'])
  if (extra !== undefined) return `There is no "${String(extra)}" in the ${place}: it takes ${takes}`
  if (missing !== undefined) return `"${String(missing)}" is missing in the ${place}`
  const name = String(error?.instancePath).slice(1)
  return name === '' ? `The ${place} takes ${takes}` : `"${name}" in the ${place} takes ${takes}`
}

function isVerbose (error: object): error is ErrorObject {
  return 'parentSchema' in error
}
