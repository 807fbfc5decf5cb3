import { createFileRoute } from '@tanstack/react-router'
import { readConditions } from '../search/conditions.ts'
import { SearchPage } from '../search/search-page.tsx'

export const Route = createFileRoute('/search')({
  validateSearch: readConditions,
  component: () => <SearchPage conditions={Route.useSearch()} />,
})
