import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { Router } from 'express'
import { documentationHeaders } from '../http/response-headers.ts'
import { createOpenApiDocument } from './openapi.document.ts'

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>FanOne API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" href="/docs/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`

const startScript = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true })\n`

/** The API description and the page to browse it, complete without any other site. */
export async function openApiRoutes(): Promise<Router> {
  const router = Router()
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  const asset = (name: string) => readFileSync(`${folder}/${name}`)
  const document = Buffer.from(JSON.stringify(await createOpenApiDocument()))
  const files: [path: string, type: string, content: Buffer | string][] = [
    ['/openapi.json', 'application/json', document],
    ['/docs', 'text/html', page],
    ['/docs/start.js', 'text/javascript', startScript],
    ['/docs/swagger-ui.css', 'text/css', asset('swagger-ui.css')],
    ['/docs/swagger-ui-bundle.js', 'text/javascript', asset('swagger-ui-bundle.js')],
    ['/docs/favicon-32x32.png', 'image/png', asset('favicon-32x32.png')],
  ]
  router.use('/docs', documentationHeaders())
  for (const [path, type, content] of files) {
    router.get(path, (_request, response) => {
      response.set('Cache-Control', 'public, max-age=300').type(type).send(content)
    })
  }
  return router
}
