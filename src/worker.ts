// A worker of its own needs Redis to hear of new messages and to reach the sockets of the other processes.
process.stderr.write(
  'A separate worker needs Redis, which this version does not use yet. The worker runs inside the service: npm start ' +
    '(in production without Redis set QUEUE_DRIVER=embedded).\n',
);
process.exitCode = 1;
