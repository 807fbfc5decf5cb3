import { tanstackRouter } from '@tanstack/router-plugin/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressed } from './build/compressed.ts'
import { pageList } from './build/page-list.ts'

/** Where `npm run dev:web` finds the API: a running stack. */
const api = process.env.FANONE_API ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    tanstackRouter({ target: 'react', autoCodeSplitting: true, generatedRouteTree: './src/generated/route-tree.ts' }),
    react(),
    pageList(),
    compressed(),
  ],
  build: {
    target: 'es2024',
    // The first with light-dark(): rewritten for older ones, a part of a page could not be dark.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // An inlined file would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    // The polyfill is an inline script for browsers that this target leaves out.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': api, '/media': api } },
})
