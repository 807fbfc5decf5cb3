import type { Video } from '@fanone/contracts'
import { rateLimits } from '@fanone/contracts/gateway'
import type { Logger } from '@fanone/service-kit'
import type { Request } from 'express'
import { clientOf, type RateLimiter } from '../limits/rate-limiter.ts'
import type { Lookups } from '../presenter/lookups.ts'

const ofVideo = /^\/watch\/([1-9]\d{0,15})\/?$/
/** A page without a preview is better than a late one. */
const PATIENCE_MS = 1_000
const DESCRIPTION_LENGTH = 200

export interface LinkPreviewOptions {
  /** As old as what the API shows of others may be: a link that many open costs few calls. */
  lookups: Pick<Lookups, 'recentVideos'>
  rates: Pick<RateLimiter, 'consume'>
  /** Where clients reach the gateway. */
  origin: string
  mediaUrl: (key: string) => string
  log: Logger
}

/**
 * What a page says about its video to who does not run its script: search engines, and chats that
 * show what a link leads to (Open Graph, https://ogp.me, and https://schema.org/VideoObject).
 */
export class LinkPreviews {
  readonly #options: LinkPreviewOptions

  constructor(options: LinkPreviewOptions) {
    this.#options = options
  }

  /**
   * The elements of a head, with the title; `unknown` where there is no such video, or not for
   * everybody; undefined for pages of something else, and where that cannot be said right now.
   */
  async headOf(request: Request): Promise<string | 'unknown' | undefined> {
    const id = Number(ofVideo.exec(request.path)?.[1])
    if (!Number.isSafeInteger(id)) return undefined
    const { lookups, rates, log } = this.#options
    try {
      await rates.consume('GET /watch/{id}', clientOf(request, undefined), rateLimits.read)
      const found = await withPatience(lookups.recentVideos([id]))
      if (!found) return undefined
      return found[0] ? this.#describe(found[0]) : 'unknown'
    } catch (error) {
      log.debug({ err: error }, 'a page has no preview')
      return undefined
    }
  }

  #describe(video: Video): string {
    const { origin, mediaUrl } = this.#options
    const url = `${origin}/watch/${video.id}`
    const description = shortened(video.description) || video.title
    const [image, content] = [mediaUrl(video.coverKey), mediaUrl(video.videoKey)]
    const properties = {
      'og:site_name': 'FanOne',
      'og:type': 'video.other',
      'og:title': video.title,
      'og:description': description,
      'og:url': url,
      'og:image': image,
      'og:image:alt': video.title,
      'og:video': content,
      'og:video:width': String(video.width),
      'og:video:height': String(video.height),
    }
    const structured = {
      '@context': 'https://schema.org',
      '@type': 'VideoObject',
      name: video.title,
      description,
      url,
      thumbnailUrl: [image],
      contentUrl: content,
      uploadDate: video.createdAt,
      duration: `PT${Math.max(1, Math.round(video.durationMs / 1_000))}S`,
    }
    return [
      `<title>${escaped(video.title)} · FanOne</title>`,
      `<meta name="description" content="${escaped(description)}">`,
      `<link rel="canonical" href="${escaped(url)}">`,
      '<meta name="twitter:card" content="summary_large_image">',
      ...Object.entries(properties).map(([name, value]) => `<meta property="${name}" content="${escaped(value)}">`),
      // A block of data: no browser runs it, so that `script-src` has nothing to say about it.
      `<script type="application/ld+json">${scriptSafe(structured)}</script>`,
    ].join('\n    ')
  }
}

/** undefined where it takes too long; what comes later is there for the next one. */
async function withPatience<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
/** For texts and attributes of HTML. */
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

/** Nothing in it ends the element, or begins a comment (HTML, 4.12.1.3). */
const scriptSafe = (data: object) => JSON.stringify(data).replaceAll('<', '\\u003c')

/** On one line, without half a character at its end. */
function shortened(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()]
  if (characters.length <= DESCRIPTION_LENGTH) return characters.join('')
  return `${characters.slice(0, DESCRIPTION_LENGTH - 1).join('')}…`
}
