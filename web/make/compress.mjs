// Puts a compressed form beside each file of build/web that gains by it: name.gz.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';

const folder = new URL('../../build/web', import.meta.url).pathname;
let total = 0;
for (const name of readdirSync(folder, { recursive: true })) {
  const path = join(folder, name);
  if (!statSync(path).isFile() || name.endsWith('.gz')) continue;
  const bytes = readFileSync(path);
  const packed = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
  const gains = packed.length < bytes.length * 0.95;
  if (gains) writeFileSync(`${path}.gz`, packed);
  total += gains ? packed.length : bytes.length;
}
console.log(`the page: ${(total / 1024).toFixed(0)} KiB as it is sent, all of it`);
