import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { formatFine, formatPosition, formatTimeOfDay } from "../format.ts";
import type { IconName } from "../icons.ts";
import { Icon } from "../ui/icon.tsx";
import { SelectRoom } from "../ui/select.tsx";
import { tip } from "../ui/tooltip.tsx";
import { playerWords } from "../words/player-words.ts";
import { keepFocus } from "./keep-focus.ts";
import { JUMP_MS, LAYOUTS, type PlayerModel, RATES } from "./player-model.ts";
import type { PlayerActions } from "./shortcuts.ts";

/** The bottom line: play, jumps, time, speed, what is skipped, sound, layout. */
export function Transport({ player }: { player: PlayerActions }) {
  const { model } = player;
  const words = playerWords();
  const { isPlaying } = model.state.value;
  const seconds = JUMP_MS / 1_000;
  return (
    <section class="transport" aria-label={words.controls}>
      <div class="group">
        <Tool icon="previous" label={words.previousEvent} keys="P" onPress={() => model.goToEvent(-1)} />
        <Tool label={words.backSeconds(seconds)} keys="←" onPress={() => model.jump(-JUMP_MS)}>
          −{seconds}
        </Tool>
        <Tool
          icon={isPlaying ? "pause" : "play"}
          label={isPlaying ? words.pause : words.play}
          keys="␣"
          class="play"
          onPress={() => model.toggle()}
        />
        <Tool label={words.forwardSeconds(seconds)} keys="→" onPress={() => model.jump(JUMP_MS)}>
          +{seconds}
        </Tool>
        <Tool icon="next" label={words.nextEvent} keys="N" onPress={() => model.goToEvent(1)} />
      </div>
      <Clock model={model} />
      <span class="spacer" />
      <div class="group">
        <Tool icon="frame-back" label={words.previousFrame} keys="," onPress={() => model.stepPicture(-1)} />
        <Tool icon="frame" label={words.nextFrame} keys="." onPress={() => model.stepPicture(1)} />
      </div>
      <Speed model={model} />
      <Skips model={model} />
      <LoopButton model={model} />
      <span class="spacer" />
      <VolumeControls model={model} />
      <LayoutChoice model={model} />
      <div class="group">
        {model.source.server !== null && (
          <Tool icon="link" label={words.copyLink} keys="L" onPress={() => player.copyLink()} />
        )}
        <Tool icon="full" label={words.fullScreen} keys="F" onPress={() => player.toggleFullScreen()} />
        <Tool label={words.shortcuts} keys="?" onPress={() => (model.isHelpOpen.value = true)}>
          ?
        </Tool>
      </div>
    </section>
  );
}

/** A button of one sign. */
function Tool(props: {
  label: string;
  keys?: string;
  icon?: IconName;
  class?: string;
  isPressed?: boolean;
  isDisabled?: boolean;
  hint?: string;
  onPress: () => void;
  children?: ComponentChildren;
}) {
  const { label, keys, icon, isPressed, isDisabled, hint = label } = props;
  return (
    <button
      type="button"
      class={`tool ${props.class ?? ""}`}
      aria-label={label}
      aria-pressed={isPressed}
      aria-keyshortcuts={keys}
      {...tip(keys === undefined ? hint : `${hint} (${keys})`, hint === label)}
      disabled={isDisabled}
      onPointerDown={keepFocus}
      onClick={props.onPress}
    >
      {icon !== undefined && <Icon name={icon} />}
      {props.children}
    </button>
  );
}

function Clock({ model }: { model: PlayerModel }) {
  const words = playerWords();
  // In whole seconds, so that it is drawn once a second and not with every picture.
  const seconds = useComputed(() => Math.floor(model.positionMs.value / 1_000));
  const atMs = Math.min(seconds.value * 1_000, model.durationMs);
  const { isWaiting } = model.state.value;
  return (
    <div class="clock">
      <span class="position">
        {formatPosition(atMs)} / {formatPosition(model.durationMs)}
      </span>
      <span class="wall-clock" {...tip(words.timeOfDay)}>
        {isWaiting ? words.loading : formatTimeOfDay(model.startedAt + atMs)}
      </span>
    </div>
  );
}

function Speed({ model }: { model: PlayerModel }) {
  const words = playerWords();
  return (
    <SelectRoom>
      <select
        class="speed"
        aria-label={words.speed}
        {...tip(`${words.speed} (< >)`, true)}
        value={model.state.value.rate}
        onChange={({ currentTarget }) => {
          model.setRate(Number(currentTarget.value));
          currentTarget.blur();
        }}
      >
        {RATES.map((rate) => (
          <option key={rate} value={rate}>
            {rate}×
          </option>
        ))}
      </select>
    </SelectRoom>
  );
}

function Skips({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const { silence, hold } = model.skipChoice.value;
  const hasSilence = model.silences.value.length > 0;
  const hasHold = model.holds.length > 0;
  return (
    <div class="group">
      <Tool
        icon="skip-silence"
        label={words.skipSilence}
        hint={hasSilence ? words.skipSilence : words.noSilence}
        keys="S"
        isPressed={silence}
        isDisabled={!hasSilence}
        onPress={() => model.chooseSkips({ silence: !silence })}
      />
      <Tool
        icon="skip-hold"
        label={words.skipHold}
        hint={hasHold ? words.skipHold : words.noHold}
        keys="H"
        isPressed={hold}
        isDisabled={!hasHold}
        onPress={() => model.chooseSkips({ hold: !hold })}
      />
    </div>
  );
}

function LoopButton({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const loop = model.loop.value;
  const phase = loop === null ? "none" : loop.toMs === null ? "begun" : "closed";
  const { loopText, loopHints } = words;
  const texts = {
    none: loopText.none,
    begun: loopText.begun(formatFine(loop?.fromMs ?? 0)),
    closed: loopText.closed(formatFine(loop?.fromMs ?? 0), formatFine(loop?.toMs ?? 0)),
  };
  return (
    <Tool
      label={`${words.loop}: ${loopHints[phase]}`}
      hint={loopHints[phase]}
      keys="A"
      isPressed={phase !== "none"}
      onPress={() => model.markLoop()}
    >
      {texts[phase]}
    </Tool>
  );
}

function VolumeControls({ model }: { model: PlayerModel }) {
  const words = playerWords();
  if (model.audio === null) return null;
  const { all, isMuted, sides } = model.volume.value;
  const range = (label: string, value: number, name: string, onValue: (value: number) => void) => (
    <input
      key={name}
      type="range"
      class={`volume ${name}`}
      min={0}
      max={1}
      step={0.05}
      value={value}
      aria-label={label}
      {...tip(`${label}: ${Math.round(value * 100)} %`, true)}
      onInput={({ currentTarget }) => onValue(Number(currentTarget.value))}
    />
  );
  return (
    <div class="group volumes">
      <Tool
        icon={isMuted || all === 0 ? "muted" : "sound"}
        label={isMuted ? words.unmute : words.mute}
        keys="M"
        onPress={() => model.setVolume({ isMuted: !isMuted })}
      />
      {range(words.volume, isMuted ? 0 : all, "all", (value) =>
        model.setVolume({ all: value, isMuted: false }),
      )}
      {model.canMoveSides &&
        sides.map((side, index) =>
          range(words.sides[index] ?? "", side, `side-${index + 1}`, (value) =>
            model.setVolume({ sides: index === 0 ? [value, sides[1]] : [sides[0], value] }),
          ),
        )}
    </div>
  );
}

function LayoutChoice({ model }: { model: PlayerModel }) {
  const words = playerWords();
  if (model.screens.length < 2) return null;
  return (
    <div class="group" role="group" aria-label={words.layout}>
      {LAYOUTS.map((layout) => (
        <Tool
          key={layout}
          icon={`layout-${layout}`}
          label={words.layouts[layout]}
          keys="V"
          isPressed={model.layout.value === layout}
          onPress={() => (model.layout.value = layout)}
        />
      ))}
    </div>
  );
}
