import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Request, type RequestHandler, Router } from 'express'
import helmet from 'helmet'
import sirv from 'sirv'
import type { LinkPreviews } from './link-preview.ts'

const ASSETS = '/assets/'
const FOR_GOOD = 'public, max-age=31536000, immutable'
const FOR_MINUTES = 'public, max-age=300'
/** What is below these is never a page, whoever asks for it. */
const ofApis = /^\/(v1|douyin|media|docs|\.well-known)\//

/**
 * Serves the built site (web/): files by name, and for every page the one document that its script
 * fills. Only browsers get pages; who asks for anything or for JSON gets the answer of the API.
 *
 * @param folder what the build of web/ wrote; without it there is no site
 * @param options.isRoute whether an API answers a request
 * @param options.mediaOrigins where media are, beside the site's own origin
 * @param options.previews what the document says about what its page shows
 */
export function createSite(
  folder: string,
  options: {
    isRoute: (request: Request) => boolean
    mediaOrigins: string[]
    previews: Pick<LinkPreviews, 'headOf'>
  },
): RequestHandler {
  const router = Router()
  if (!existsSync(join(folder, 'index.html'))) return router
  const document = readFileSync(join(folder, 'index.html'), 'utf8')
  const isPage = pageMatcher(JSON.parse(readFileSync(join(folder, 'pages.json'), 'utf8')) as string[])
  const files = sirv(folder, {
    brotli: true,
    gzip: true,
    etag: true,
    // Names of assets have a hash of their content; other names stay.
    setHeaders: (response, path) =>
      response.setHeader('Cache-Control', path.startsWith(ASSETS) ? FOR_GOOD : FOR_MINUTES),
  })
  const setHeaders = siteHeaders(options.mediaOrigins)
  const isForSite = (request: Request) =>
    (request.method === 'GET' || request.method === 'HEAD') && !ofApis.test(request.path) && !options.isRoute(request)

  const servePage: RequestHandler = async (request, response, next) => {
    if (request.accepts(['json', 'html']) !== 'html') return next()
    request.routeTemplate = '/{page}'
    const head = await options.previews.headOf(request)
    setHeaders(request, response, () =>
      response
        .status(isPage(request.path) && head !== 'unknown' ? 200 : 404)
        .set({ 'Cache-Control': 'no-cache', Vary: 'Accept' })
        .type('html')
        .send(head === undefined || head === 'unknown' ? document : withHead(document, head)),
    )
  }
  const serveFile: RequestHandler = (request, response, next) => {
    // The document is served by the name of a page.
    if (request.path === '/' || !/\.\w+$/.test(request.path)) return next()
    request.routeTemplate = '/{file}'
    files(request, response, next)
  }
  return router.use(
    (request, _response, next) => {
      if (!isForSite(request)) return next('router')
      next()
    },
    serveFile,
    servePage,
  )
}

/** The document with another title and description. What replaces is no pattern: `$&` stays. */
const withHead = (document: string, head: string) =>
  document.replace(/\s*<meta name="description"[^>]*>/, '').replace(/<title>.*?<\/title>/, () => head)

/** @param paths as the router of the site writes them: `/watch/$id` */
export function pageMatcher(paths: string[]): (path: string) => boolean {
  const patterns = paths.map((path) => new RegExp(`^${path.replace(/\$\w+/g, '[^/]+').replace(/\/$/, '')}/?$`))
  return (path) => patterns.some((pattern) => pattern.test(path))
}

/** Nothing from elsewhere, nothing inline; a player makes blobs of the segments that it got. */
function siteHeaders(mediaOrigins: string[]): RequestHandler {
  const media = ["'self'", ...mediaOrigins]
  return helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'"],
      'img-src': [...media, 'data:'],
      'media-src': [...media, 'blob:'],
      'connect-src': media,
      'form-action': ["'self'"],
      'base-uri': ["'none'"],
      'frame-ancestors': ["'none'"],
    },
  })
}
