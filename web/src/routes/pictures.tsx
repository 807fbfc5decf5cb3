import { createFileRoute } from '@tanstack/react-router'
import { PicturePage } from '../pictures/picture-page.tsx'

export const Route = createFileRoute('/pictures')({ component: PicturePage })
