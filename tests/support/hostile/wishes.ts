import type { PublicRoute } from '../public-routes.ts'
import type { Parameter } from './wire.ts'

/** Fields a client might try to set; no route declares them except where listed. */
const wishes: Record<string, unknown> = {
  id: 1,
  userId: 1,
  user_id: 1,
  authorId: 1,
  author_id: 1,
  author: { id: 1 },
  role: 'admin',
  roles: ['admin'],
  isAdmin: true,
  is_admin: 1,
  version: 99,
  createdAt: '2001-01-01T00:00:00.000Z',
  created_at: '2001-01-01 00:00:00',
  updatedAt: '2001-01-01T00:00:00.000Z',
  deletedAt: '2001-01-01T00:00:00.000Z',
  deleted_at: null,
  passwordHash: 'x',
  password_hash: 'x',
  usernameKey: 'admin',
  avatarKey: '../../etc/passwd',
  avatarUrl: 'http://evil.example/x.png',
  videoKey: '../../etc/passwd',
  uploadId: '0'.repeat(32),
  status: 'published',
  price: 0,
  points: 1_000_000,
  likeCount: 1_000_000,
  like_count: 1_000_000,
  follower_count: 1_000_000,
  durationMs: 1,
  sizeBytes: 1,
}

const declared = (route: PublicRoute) => new Set(route.fields.map(({ name }) => name))

/** The wishes as parameters of a route; what it declares is left out. */
export function wishesFor(route: PublicRoute): Parameter[] {
  const asText = (value: unknown) =>
    encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value))
  const fragment = (value: unknown) => (route.transport === 'json' ? JSON.stringify(value) : asText(value))
  const wished = Object.entries(wishes).filter(([name]) => !declared(route).has(name))
  return wished.map(([name, value]) => [name, fragment(value)])
}
