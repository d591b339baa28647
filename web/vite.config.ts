import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    target: 'es2022',
    // The gateway's content security policy allows no `data:` source, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
