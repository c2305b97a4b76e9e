import type { FastifyReply, FastifyRequest, RawServerBase, RouteGenericInterface } from 'fastify'

/** A request of whatever server: http, https or HTTP/2. */
export type AnyRequest = FastifyRequest<RouteGenericInterface, RawServerBase>

/** Its reply. */
export type AnyReply = FastifyReply<RouteGenericInterface, RawServerBase>
