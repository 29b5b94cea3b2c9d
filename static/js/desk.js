// The article page: each module adds one thing to forms that work without any.
import * as keys from "./keys.js";
import * as selection from "./selection.js";
import * as swap from "./swap.js";
import "./poll.js";

keys.start();
selection.start();
swap.start();
