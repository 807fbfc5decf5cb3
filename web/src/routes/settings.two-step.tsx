import { createFileRoute } from '@tanstack/react-router'
import { TwoStepSettings } from '../settings/two-step-settings.tsx'

export const Route = createFileRoute('/settings/two-step')({ component: TwoStepSettings })
