import { createFileRoute } from '@tanstack/react-router'
import { ActivitySettings } from '../settings/activity-settings.tsx'

export const Route = createFileRoute('/settings/activity')({ component: ActivitySettings })
