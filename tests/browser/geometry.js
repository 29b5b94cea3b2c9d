// What leaves its place on the page, as lines of text: see geometry.py.
() => {
    const found = [];
    const wide = innerWidth;
    const slack = 1.5;
    const say = (what, element) => found.push(`${what}: ${describe(element)}`);
    const describe = element => {
        const name = element.id ? `#${element.id}` : element.classList.length ? `.${[...element.classList].join(".")}` : "";
        return `<${element.localName}${name}> ${element.textContent.trim().replace(/\s+/g, " ").slice(0, 60)}`;
    };
    const shown = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true });
    // Text for screen readers: a box of a pixel, or one that is clipped away.
    const unseen = element => {
        for (let box = element; box; box = box.parentElement) {
            const style = getComputedStyle(box);
            if (Number.parseFloat(style.textIndent) < -99) return true;
            if (style.clipPath === "inset(50%)" || style.clip === "rect(0px, 0px, 0px, 0px)") return true;
            if (box.matches(".skip, .skip-to-content-link") && box !== document.activeElement) return true;
        }
        return false;
    };
    const clips = value => value === "hidden" || value === "clip";
    const scrolls = value => value === "auto" || value === "scroll";
    // Cut on purpose, in a way that a reader sees; contexts in the concordance are cut between words.
    const meant = (style, box) =>
        style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none" || box.title || box.matches(".words > span");

    /* How a line of text of this element is cut, if it is. */
    const cut = (element, line) => {
        let [left, right] = [line.left, line.right];
        for (let box = element; box && box !== document.body; box = box.parentElement) {
            const style = getComputedStyle(box);
            if (style.display === "contents" || style.display === "inline") continue;
            const area = box.getBoundingClientRect();
            const beyond = left < area.left - slack || right > area.right + slack;
            if (scrolls(style.overflowX) && beyond) [left, right] = [area.left, area.right];
            if (clips(style.overflowX) && beyond) return meant(style, box) ? "" : "text is clipped at the side";
            const below = line.bottom > area.bottom + line.height / 3 || line.top < area.top - line.height / 3;
            if (scrolls(style.overflowY)) return "";
            if (clips(style.overflowY) && below) return meant(style, box) ? "" : "text is clipped below";
            if (style.position === "fixed") break;
        }
        return left < -slack || right > wide + slack ? "text leaves the window" : "";
    };

    if (document.scrollingElement.scrollWidth > wide) found.push(`scrolls sideways: ${document.scrollingElement.scrollWidth} px`);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    const faulty = new Set();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.data.trim() || faulty.has(element) || element.closest("script, style, noscript, option, textarea")) continue;
        if (!shown(element) || unseen(element)) continue;
        range.selectNodeContents(node);
        for (const line of range.getClientRects()) {
            const fault = line.width && cut(element, line);
            if (!fault) continue;
            say(fault, element);
            faulty.add(element);
            break;
        }
    }
    for (const control of document.querySelectorAll("input, select, textarea, button, summary, svg, img, progress, table")) {
        if (!shown(control) || unseen(control)) continue;
        const line = control.getBoundingClientRect();
        const fault = line.width && cut(control, { ...line.toJSON(), height: 1e6 });
        if (fault) say(fault.replace("text", "control"), control);
        else if (control.matches("button") && control.scrollWidth > control.clientWidth + slack) say("the button is too small for its words", control);
    }

    // What is reached by Tab is not under a bar that stays in its place.
    const bar = element => {
        for (let box = element; box; box = box.parentElement)
            if (["fixed", "sticky"].includes(getComputedStyle(box).position)) return box;
    };
    const reached = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])";
    for (const element of document.querySelectorAll(reached)) {
        if (element.disabled || !shown(element)) continue;
        element.focus();
        if (document.activeElement !== element || unseen(element)) continue;
        const area = element.getClientRects()[0];
        if (!area) continue;
        const top = document.elementFromPoint(area.left + Math.min(area.width / 2, 20), area.top + Math.min(area.height / 2, 10));
        if (!top || element.contains(top) || top.contains(element)) continue;
        const over = bar(top);
        if (over && !over.contains(element)) say(`covered by ${describe(over).slice(0, 30)}`, element);
    }
    document.activeElement?.blur();
    scrollTo(0, 0);
    return found;
}
