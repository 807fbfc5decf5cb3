import { useQuery } from '@tanstack/react-query'
import { createFileRoute, notFound } from '@tanstack/react-router'
import { query } from '../api/client.ts'
import { readId } from '../lib/ids.ts'
import { ProfilePage } from '../people/profile-page.tsx'
import { type Tab, tabs } from '../people/tabs.ts'
import { Failure, Loading } from '../ui/states.tsx'

export const Route = createFileRoute('/u/$id')({
  params: {
    parse: ({ id }) => ({ id: readId(id) ?? 0 }),
    stringify: ({ id }) => ({ id: String(id) }),
  },
  validateSearch: ({ show }: Record<string, unknown>): { show?: Tab } => {
    const chosen = tabs.find((tab) => tab === show)
    return chosen === undefined ? {} : { show: chosen }
  },
  beforeLoad: ({ params }) => {
    if (params.id === 0) throw notFound()
  },
  loader: ({ context, params: { id } }) =>
    void context.queryClient.prefetchQuery(query.users.get.queryOptions({ input: { id } })),
  component: Profile,
})

function Profile() {
  const { id } = Route.useParams()
  const { show = 'videos' } = Route.useSearch()
  const { data, error, refetch } = useQuery(query.users.get.queryOptions({ input: { id } }))
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading shape="card" count={1} />
  return <ProfilePage key={id} user={data} tab={show} />
}
