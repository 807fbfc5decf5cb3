import type { Period } from '../api/pages.ts'

export const periods = ['hour', 'day', 'week', 'all'] as const satisfies Period[]
