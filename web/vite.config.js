import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// KaTeX's style names each font in three forms; every browser that runs this page reads the first.
const onlyWoff2 = {
  name: 'only-woff2',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('katex') || !id.includes('.css')) return null;
    return code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\([^)]*\)/g, '');
  },
};

export default defineConfig({
  plugins: [onlyWoff2, svelte()],
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0, // the page's policy allows no data: addresses
    modulePreload: { polyfill: false },
  },
  // `npx vite` in web/ serves the page as it is written, beside a kai that runs.
  server: { proxy: { '/api': 'http://127.0.0.1:11524' } },
});
