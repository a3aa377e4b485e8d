/** Builds the package twice: as ES modules, and as CommonJS for Jest and for whatever else uses `require`. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
for (const config of ['tsconfig.build.json', 'tsconfig.commonjs.json'])
  execFileSync('tsc', ['-p', config], { stdio: 'inherit', shell: process.platform === 'win32' });
writeFileSync('dist/commonjs/package.json', '{ "type": "commonjs" }\n');
copyFileSync('src/generated/trusted-documents.json', 'dist/trusted-documents.json');
