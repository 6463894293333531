/** For the Task Scheduler: any user of the machine, with that user's rights. */
const USERS = "S-1-5-32-545";

/**
 * The scheduled task that keeps the app running in every session: at sign-in, and every five minutes after, so that
 * neither a crash nor a silent upgrade leaves anybody without it. A second start ends at once, for the app is a single
 * instance; so several may run at a time, one for each signed-in user. The five minutes are counted from a fixed day too:
 * a sign-in before the task was registered anew, as an upgrade does, counts for nothing.
 */
export function autostartTask(): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Author>Deskreel</Author>
    <Description>Keeps Deskreel running in every session.</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <Repetition><Interval>PT5M</Interval></Repetition>
    </LogonTrigger>
    <TimeTrigger>
      <Enabled>true</Enabled>
      <StartBoundary>2026-01-01T00:00:00</StartBoundary>
      <Repetition><Interval>PT5M</Interval></Repetition>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Users">
      <GroupId>${USERS}</GroupId>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>Parallel</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Users">
    <Exec><Command>%ProgramFiles%\\Deskreel\\Deskreel.exe</Command></Exec>
  </Actions>
</Task>
`;
}
