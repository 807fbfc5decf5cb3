import { describe, expect, it } from 'vitest'
import { Presenter } from '../presenter/presenter.ts'
import { toChinaTime } from '../surfaces/compat/utc-plus-8.ts'
import { sampleVideo } from '../testing/sample-video.ts'
import { toFanoneVideo } from './videos.view.ts'

describe('the FanOne models', () => {
  it.each([
    ['2026-11-21T13:07:40.769Z', '2026-11-21 21:07:40'],
    ['2026-12-31T16:00:00.000Z', '2027-01-01 00:00:00'],
    ['2024-02-28T15:59:59.999Z', '2024-02-28 23:59:59'],
  ])('times are in UTC+8', (instant, expected) => {
    expect(toChinaTime(instant)).toBe(expected)
  })

  it('ids are strings, counts are integers, what is not deleted says so', () => {
    const video = { ...sampleVideo, id: 9_007_199_254_740_991, authorId: 7 }
    const present = new Presenter({ mediaUrl: (key: string) => `http://x/media/${key}` } as never)
    const model = toFanoneVideo(present.newVideo(video))
    expect(model).toMatchObject({
      id: '9007199254740991',
      user_id: '7',
      video_url: 'http://x/media/ab/video.mp4',
      visit_count: 0,
      deleted_at: '',
    })
  })
})
