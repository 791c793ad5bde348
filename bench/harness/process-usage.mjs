/** Microseconds on the clock that all processes of a machine share. */
export function nowUs() {
  return Number(process.hrtime.bigint() / 1_000n);
}

export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}
