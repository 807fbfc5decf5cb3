import type { Card } from '@fanone/contracts'
import { describe, expect, it } from 'vitest'
import { Presenter } from '../presenter/presenter.ts'
import { toChinaTime } from '../surfaces/compat/utc-plus-8.ts'
import { sampleCard } from '../testing/sample-video.ts'
import { endOfSecond, nextTime, readLatestTime, toDouyinFeedItem } from './feeds.view.ts'

const card = (createdAt: string): Card => ({ ...sampleCard, createdAt })

it('a time that FanOne showed, asked for, does not lead back to its own video', () => {
  const createdMs = Date.parse('2026-11-21T13:07:40.769Z')
  const shownMs = Date.parse(`${toChinaTime('2026-11-21T13:07:40.769Z').replace(' ', 'T')}+08:00`)
  expect(shownMs).toBeLessThan(createdMs)
  expect(endOfSecond(shownMs)).toBeGreaterThanOrEqual(createdMs)
  expect(endOfSecond(shownMs)).toBeLessThan(shownMs + 1_000)
  expect(endOfSecond(createdMs)).toBe(createdMs)
})

describe('the Douyin models', () => {
  it.each([
    [undefined, undefined],
    [0, undefined],
    [1_795_266_525, 1_795_266_525_000],
    [99_999_999_999, 99_999_999_999_000],
    [100_000_000_000, 100_000_000_000],
    [1_795_266_525_123, 1_795_266_525_123],
  ])('latest_time %s is %s ms', (given, expected) => {
    expect(readLatestTime(given)).toBe(expected)
  })

  it('next_time is the creation time of the oldest video', () => {
    const cards = [card('2026-11-21T13:07:41.000Z'), card('2026-11-21T13:07:40.769Z')]
    expect(nextTime(cards, 99)).toBe(Date.parse('2026-11-21T13:07:40.769Z'))
  })

  it('an empty feed leads nowhere further back', () => {
    expect(nextTime([], 99)).toBe(99)
  })

  it('ids are numbers and false and zero fields are present', async () => {
    const nobody = async () => new Set<number>()
    const present = new Presenter({
      flags: { likedBy: nobody, followedBy: nobody },
      mediaUrl: (key: string) => `http://x/media/${key}`,
    } as never)
    const [shown] = await present.cards([card('2026-11-21T13:07:41.000Z')])
    const video = shown && toDouyinFeedItem(shown)
    expect(JSON.parse(JSON.stringify(video))).toEqual({
      id: 1,
      author: {
        id: 42,
        name: 'Ann',
        follow_count: 0,
        follower_count: 0,
        is_follow: false,
        avatar: 'http://x/media/default-avatars/42/256.png',
        background_image: '',
        signature: '',
        total_favorited: 0,
        work_count: 0,
        favorite_count: 0,
      },
      play_url: 'http://x/media/ab/video.mp4',
      cover_url: 'http://x/media/ab/cover.jpg',
      favorite_count: 3,
      comment_count: 2,
      is_favorite: false,
      title: 't',
    })
  })
})
