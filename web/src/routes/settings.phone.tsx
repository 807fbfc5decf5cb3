import { createFileRoute } from '@tanstack/react-router'
import { PhoneSettings } from '../settings/phone-settings.tsx'

export const Route = createFileRoute('/settings/phone')({ component: PhoneSettings })
