// With `--require`: a process writes into the file that PEAK_MEMORY_FILE names how much memory it has used at most, in bytes.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS * 1024));
});
