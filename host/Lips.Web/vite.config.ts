import { defineConfig } from 'vite';

// LIPS_API names a running node for `npm run dev`; the built files are served by the node itself.
const api = process.env.LIPS_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/app/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // Everything is in two files; a polyfill for preloading would be a third of nothing.
    modulePreload: false,
    assetsInlineLimit: 0,
    cssTarget: ['chrome120', 'firefox121', 'safari17.2'],
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(['/contact_interactions', '/tokens', '/advertisers'].map((path) => [path, api])),
  },
});
