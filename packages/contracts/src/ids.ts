/**
 * Layout of the 53 bits of an id: 41 bits of milliseconds since `ID_EPOCH_MS` (until 2093), 5 bits
 * of worker, 7 bits of sequence. JavaScript numbers hold them exactly.
 */
export const ID_EPOCH_MS = Date.UTC(2024, 0, 1)
export const ID_WORKER_COUNT = 32
export const ID_SEQUENCE_COUNT = 128
const IDS_PER_MS = ID_WORKER_COUNT * ID_SEQUENCE_COUNT

/** Puts an id together. All parts must be in range; the generator in service-kit sees to that. */
export function composeId(parts: { timeMs: number; worker: number; sequence: number }): number {
  return (parts.timeMs - ID_EPOCH_MS) * IDS_PER_MS + parts.worker * ID_SEQUENCE_COUNT + parts.sequence
}

/** The instant an id was made at, in ms since 1970. */
export function idTimeMs(id: number): number {
  return Math.floor(id / IDS_PER_MS) + ID_EPOCH_MS
}

/**
 * The smallest id of an instant: turns "created before T" into "id below". Instants before the
 * epoch give 0.
 *
 * @param timeMs ms since 1970
 */
export function firstIdAt(timeMs: number): number {
  return Math.max(0, Math.floor(timeMs - ID_EPOCH_MS) * IDS_PER_MS)
}
