import { createFileRoute } from '@tanstack/react-router'
import { UploadPage } from '../upload/upload-page.tsx'

export const Route = createFileRoute('/upload')({ component: UploadPage })
