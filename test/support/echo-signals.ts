process.on('SIGUSR2', () => console.error('got SIGUSR2'));
console.log(`ready ${process.argv[2]} ${process.env.ECHO_COLOR}`);
setInterval(() => {}, 60_000);
