import type { LinkProps } from '@tanstack/react-router'
import type { Messages } from '../i18n/en.ts'
import type { IconName } from '../ui/icon.tsx'

interface Place {
  to: NonNullable<LinkProps['to']>
  icon: IconName
  name: keyof Messages['site'] & ('newest' | 'popular' | 'following' | 'search' | 'upload')
  /** In the rail only: a bar has room for five, and a feed shows the others as tabs. */
  isFeed?: boolean
  /** Of no use to visitors. */
  isForMembers?: boolean
}

/** What the navigation leads to. A new part of the site is one line here. */
export const places = [
  { to: '/', icon: 'newest', name: 'newest', isFeed: true },
  { to: '/popular', icon: 'popular', name: 'popular', isFeed: true },
  { to: '/following', icon: 'people', name: 'following', isFeed: true },
  { to: '/search', icon: 'search', name: 'search' },
  { to: '/upload', icon: 'upload', name: 'upload', isForMembers: true },
] as const satisfies readonly Place[]

export const feeds = places.filter((place) => 'isFeed' in place)
