#!/usr/bin/env node
// There before anything is built, so that installing can link it.
import '../dist/stagegate.mjs'
