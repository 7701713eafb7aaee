# Makes the first start as fast as the next ones, and all of them faster. Sourced.

program=build/headway/main.js
quick_programs=build/quick
# Processes that run load what they have not loaded yet from the files that they were started with.
keep_days=30

prepare_program() {
  if [ -x node_modules/.bin/esbuild ]; then build_program; else [ -d node_modules/.cache/headway ] || bin/headway internal compile; fi
}

# Joins the sources to a few files: Node takes three times as long, and more memory, to load them one by one. bin/headway runs what was
# built only while no source is newer.
build_program() {
  [ -f "$program" ] && [ -f "$quick_programs/start.inputs" ] && [ -z "$(find src agents package-lock.json -newer "$program" -print -quit)" ] && return
  node_modules/.bin/esbuild src/cli/main.ts --bundle --splitting --format=esm --platform=node --target=node24 \
    --packages=external --outdir="${program%/*}" --log-level=error
  build_quick_programs
  find "${program%/*}" -name '*.js' -mtime "+$keep_days" -delete
  bin/headway internal compile
}

# Joins all that a command needs to one file: most of such a command is loading. What was compiled is written last, so a set-up that was cut off
# is done again.
build_quick_programs() {
  rm -rf "$quick_programs"
  node_modules/.bin/esbuild src/cli/quick/start.ts src/cli/quick/commands/*.ts --bundle --format=cjs --platform=node --target=node24 \
    --define:import.meta.dirname=__dirname --define:import.meta.url=__filename \
    --outdir="$quick_programs" --entry-names='[name]' --out-extension:.js=.cjs --metafile="$quick_programs/meta.json" --log-level=error
}
