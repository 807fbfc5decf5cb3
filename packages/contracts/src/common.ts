import { z } from 'zod'

/** A 53-bit, time-ordered identifier; see `idTimeMs` for how to read its time. */
export const Id = z.int().positive().meta({ id: 'Id', description: 'Time-ordered identifier, at most 53 bits' })

/** An instant as RFC 3339 text in UTC, for example `2026-11-21T12:00:00.000Z`. */
export const Instant = z.iso.datetime().meta({ id: 'Instant' })

/**
 * Path of a media file under the public media root, for example `ab12/video.mp4`; never an absolute
 * path or URL.
 */
export const MediaKey = z.string().max(200)

/** Opaque position in a list; only what a previous page returned is accepted. */
export const Cursor = z.string().min(1).max(200)

/** How many items a page holds. */
export const Limit = z.int().min(1).max(100)

/** Most ids in one call; for more, call again. */
export const MAX_BATCH = 100

/** The ids of one batch; repeats are allowed (answered once). */
export const IdBatch = z.array(Id).min(1).max(MAX_BATCH)

/** How many viewers one call may ask for. */
export const MAX_VIEWERS = 32

/** The input of an operation that several viewers each ask something. */
export const viewersOf = <Question extends z.ZodRawShape>(question: Question) =>
  z.object({
    viewers: z
      .array(z.object({ userId: Id }).extend(question))
      .min(1)
      .max(MAX_VIEWERS),
  })

/** The answer of an operation that has nothing to say. */
export const Empty = z.object({})

/**
 * Characters that texts may not hold: control characters except line breaks and tabs, and lone
 * surrogates, which MySQL cannot store and clients cannot draw.
 */
const isPrintable = (text: string) =>
  text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/u.test(text)

/**
 * The same as a pattern in the API description; blanks at the ends are cut off, so they do not
 * count towards a minimum length.
 */
const printable = '[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]'
const visible = '[^\\s\\ufeff\\u0000-\\u001f\\u007f]'

/**
 * A text that people typed: trimmed, well-formed, free of control characters.
 * Length is counted in code points, so that an emoji is one character.
 *
 * @param bounds smallest and largest length in code points
 */
export const text = (bounds: { min?: number; max: number }) =>
  z
    .string()
    .max(bounds.max * 4)
    // Forms send line breaks as CRLF (HTML, form submission), JSON as they are.
    .overwrite((value) => value.replaceAll('\r\n', '\n'))
    .trim()
    .refine(isPrintable, 'must not contain control characters')
    .refine((value) => [...value].length <= bounds.max, `must be at most ${bounds.max} characters`)
    .refine((value) => [...value].length >= (bounds.min ?? 0), `must be at least ${bounds.min} characters`)
    .meta({
      maxLength: bounds.max,
      ...(bounds.min ? { minLength: bounds.min } : {}),
      pattern: bounds.min ? `^${printable}*${visible}${printable}*$` : `^${printable}*$`,
    })
