import type { FastifyReply } from 'fastify'

const HTML = 'text/html; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

/**
 * Sends a text as it is, whatever serializer the application has set. One for JSON would make a page a quoted string,
 * whose backslashes end the attributes that escaped text stands in.
 */
export function sendText (reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.type(type).serializer(asItIs).send(text)
}

export function sendHtml (reply: FastifyReply, html: string): FastifyReply {
  return sendText(reply, HTML, html)
}

export function sendJson (reply: FastifyReply, value: object): FastifyReply {
  return sendText(reply, JSON_TYPE, JSON.stringify(value))
}

export function asItIs (text: string): string {
  return text
}
