import { mount } from 'svelte';
import './style/tokens.css';
import './style/base.css';
import Frame from './frame/Frame.svelte';

mount(Frame, { target: document.body });
