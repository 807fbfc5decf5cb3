import { scratchCacheRedis } from '../support/scratch-cache.ts'
import { openParts, type Place } from './video-parts.ts'

/** Works on media jobs until it is killed, as an instance of the video service would. */
const place: Place = JSON.parse(process.argv[2] ?? '')
const parts = await openParts(place, { redis: await scratchCacheRedis(place.name) })
parts.worker().start()
// The pauses of a worker keep no process alive.
setInterval(() => undefined, 1_000)
