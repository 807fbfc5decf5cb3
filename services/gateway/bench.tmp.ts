import express from 'express'
import { createServer } from 'node:http'
import { createLogger } from '@fanone/service-kit'
import { newestFeedHandler } from './src/feed/newest-feed.handler.ts'
import { createPublicApp } from './src/http/public-app.ts'
import { RateLimiter } from './src/limits/rate-limiter.ts'
const log = createLogger({ appId: 'bench', level: 'warn' })
const item = (id: number) => ({ id: 373552177917952 + id, title: 'a title of usual length', description: 'some words about it', durationMs: 2000, width: 320, height: 240, createdAt: '2026-11-21T13:07:42.187Z', videoUrl: 'http://127.0.0.1:16080/media/d3d266a0329c717df3bff8b2efc4de2b/video.mp4', coverUrl: 'http://127.0.0.1:16080/media/d3d266a0329c717df3bff8b2efc4de2b/cover.jpg', author: { id: 373552172109824, username: 'alice15973', name: 'alice15973', avatarUrl: null } })
const page = { items: Array.from({ length: 30 }, (_, i) => item(i)), nextCursor: 'abc' }
const bytes = Buffer.from(JSON.stringify(page))
const none: any = (_q: any, _s: any, next: any) => next()
const surface: any = { upload: { path: '/x', handler: none }, readBody: none, router: {}, sendError() {} }
const limiter = new RateLimiter({ redis: undefined, factor: 1e6, log })
const app = createPublicApp({ surfaces: { v1: surface, fanone: surface, douyin: surface }, newestFeed: newestFeedHandler({ limiter, load: async () => page as any }), media: none, documentation: none, corsOrigins: [], trustedProxies: [], log })
const bare = express()
bare.get('/v1/feeds/newest', (_request, response) => { response.type('json').send(bytes) })
const min = express().disable('x-powered-by').set('etag', false)
min.get('/v1/feeds/newest', (_request, response) => { response.type('json').send(bytes) })
createServer(process.argv[2] === 'bare' ? bare : process.argv[2] === 'min' ? min : app).listen(Number(process.argv[3]), '127.0.0.1')
console.log(bytes.length)
