import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Runs npm, or an installed program by `exec`, in a folder. If it fails, the error contains its output. */
export async function runNpm(folder: string, ...command: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('npm', command, { cwd: folder }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`npm ${command.join(' ')} failed:\n${stdout}${stderr}`));
    });
  });
}

/** Writes files by their paths, and installs what their `package.json` names. */
export async function install(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await runNpm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund');
}
