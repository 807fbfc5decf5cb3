import { createFileRoute } from '@tanstack/react-router'
import { pages } from '../api/pages.ts'
import { Feed } from '../feed/feed.tsx'
import { useText } from '../i18n/language.tsx'
import { Empty } from '../ui/states.tsx'

export const Route = createFileRoute('/')({
  loader: ({ context }) => void context.queryClient.prefetchInfiniteQuery(pages.newest()),
  component: NewestPage,
})

function NewestPage() {
  const { feed } = useText()
  return (
    <Feed
      name="newest"
      title={feed.newestTitle}
      options={pages.newest()}
      whenEmpty={<Empty title={feed.emptyTitle}>{feed.empty}</Empty>}
    />
  )
}
