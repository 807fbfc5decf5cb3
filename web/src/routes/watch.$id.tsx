import { useQuery } from '@tanstack/react-query'
import { createFileRoute, notFound } from '@tanstack/react-router'
import { query } from '../api/client.ts'
import { pages } from '../api/pages.ts'
import { readId } from '../lib/ids.ts'
import { Failure, Loading } from '../ui/states.tsx'
import { WatchPage } from '../watch/watch-page.tsx'

export const Route = createFileRoute('/watch/$id')({
  params: {
    parse: ({ id }) => ({ id: readId(id) ?? 0 }),
    stringify: ({ id }) => ({ id: String(id) }),
  },
  validateSearch: ({ t }: Record<string, unknown>): { t?: number } => {
    const seconds = Math.floor(Number(t))
    return seconds > 0 && Number.isSafeInteger(seconds) ? { t: seconds } : {}
  },
  beforeLoad: ({ params }) => {
    if (params.id === 0) throw notFound()
  },
  loader: ({ context, params: { id } }) => {
    void context.queryClient.prefetchQuery(query.videos.get.queryOptions({ input: { id } }))
    void context.queryClient.prefetchInfiniteQuery(pages.comments(id))
  },
  component: Watch,
})

function Watch() {
  const { id } = Route.useParams()
  const { t } = Route.useSearch()
  const { data, error, refetch } = useQuery(query.videos.get.queryOptions({ input: { id } }))
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading shape="player" count={1} />
  return <WatchPage key={id} video={data} startSeconds={t} />
}
