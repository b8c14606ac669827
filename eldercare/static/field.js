// The page an inspector takes into the cellar: works without a network, loses nothing. See field/main.js.
import { begin } from "./field/main.js";

begin();
