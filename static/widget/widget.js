// Both widgets with one tag: <script type="module" src="https://SEARCH/widget/widget.js"></script>

import "./similar-products.js";
import "./visual-search.js";
