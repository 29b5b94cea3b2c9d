// What every page of articles has: keys on buttons, forms without leaving the page, places that follow their own page.
import * as keys from "./keys.js";
import * as swap from "./swap.js";
import "./poll.js";

keys.start();
swap.start();
