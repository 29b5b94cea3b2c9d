// What every page of articles has: keys on buttons, forms without leaving the page, places that follow their own page.
import * as drafts from "./drafts.js";
import * as keys from "./keys.js";
import * as swap from "./swap.js";
import "./poll.js";

keys.start();
swap.start();
drafts.start();
// A browser may bring a page back as it was left: it is asked for anew.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
