// On a person's own page: the browser hears which of their keys are accepted here,
// and under which name.
import { sendSignals } from "./signal.js";

sendSignals();
