import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(scrypt)

/** What is kept of a password: its salt and its scrypt hash. */
export async function hashPassword (password, salt = randomBytes(16)) {
  const hash = await derive(password, salt, 32)
  return `${salt.toString('base64url')}.${hash.toString('base64url')}`
}

export async function isPassword (password, kept) {
  const [salt, hash] = kept.split('.').map(part => Buffer.from(part, 'base64url'))
  return timingSafeEqual(await derive(password, salt, 32), hash)
}
