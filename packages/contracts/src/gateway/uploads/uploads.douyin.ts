import { z } from 'zod'
import { Title } from '../../video.ts'
import { rateLimits, route } from '../route.ts'
import { status, token } from '../surfaces/douyin.ts'

/** Douyin 5. */
export const uploads = {
  publish: route({
    method: 'POST',
    path: '/douyin/publish/action/',
    summary: 'Publish a video in one request; the token may come before or after the file',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.upload,
  })
    .input(z.object({ token, title: Title, data: z.file() }))
    .output(z.object(status)),
}
