import type { Socket } from 'node:net'

const LINGER_MS = 5_000

/**
 * Gives a client whose request was refused before all of it was read a while to notice, and then
 * cuts the connection, unless it is closed by then (RFC 9112, 9.6). Nothing is left on the socket:
 * a connection that stays may be refused many bodies.
 *
 * @returns what cuts it, to be cleared where the request came to its end
 */
export function cutLater(socket: Socket): NodeJS.Timeout {
  return setTimeout(() => socket.destroy(), LINGER_MS).unref()
}
