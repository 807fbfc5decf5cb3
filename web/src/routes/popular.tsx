import { createFileRoute } from '@tanstack/react-router'
import { type Period, pages } from '../api/pages.ts'
import { Feed } from '../feed/feed.tsx'
import { PeriodChoice } from '../feed/period-choice.tsx'
import { periods } from '../feed/periods.ts'
import { useText } from '../i18n/language.tsx'
import { Empty } from '../ui/states.tsx'

export const Route = createFileRoute('/popular')({
  validateSearch: ({ period }: Record<string, unknown>): { period?: Period } => {
    const chosen = periods.find((one) => one === period)
    return chosen === undefined ? {} : { period: chosen }
  },
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps: { period = 'week' } }) =>
    void context.queryClient.prefetchInfiniteQuery(pages.popular(period)),
  component: PopularPage,
})

function PopularPage() {
  const { feed } = useText()
  const { period = 'week' } = Route.useSearch()
  return (
    <Feed
      key={period}
      name={`popular:${period}`}
      title={feed.popularTitle}
      options={pages.popular(period)}
      whenEmpty={<Empty title={feed.emptyTitle}>{feed.emptyPeriod}</Empty>}
    >
      <PeriodChoice period={period} />
    </Feed>
  )
}
