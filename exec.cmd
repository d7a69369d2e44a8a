@rem `exec` of npm scripts where cmd.exe runs them: elsewhere the shell makes room for Node, so that signals reach it.
@%*
